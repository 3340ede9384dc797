"""A service: `uvicorn examples.service:app`, then `curl -F file=@examples/portrait.jpg localhost:8000/faces`."""

from typing import Any

from fastapi import FastAPI, HTTPException, UploadFile

from openfer import Recognizer
from openfer.errors import Refused

app, recognize = FastAPI(), Recognizer()


@app.post("/faces")
def faces(file: UploadFile) -> dict[str, Any]:
    """Return the faces of a picture; requests run side by side, in threads."""
    try:
        return recognize(file.file.read()).to_dict()
    except Refused as error:
        raise HTTPException(400, str(error)) from error
