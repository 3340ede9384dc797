"""Every picture of a folder → a table with a row a face.

python examples/folder.py holiday/ faces.csv
"""

import sys
from collections import Counter

from openfer import Recognizer

folder, table = sys.argv[1:]
results = Recognizer()(folder)
results.to_csv(table)
print(Counter(face.emotion for result in results for face in result.faces if not face.unsure))
