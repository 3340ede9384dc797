"""One call for programs: `from openfer import Recognizer`; pictures of any kind in, faces and what they show out."""
