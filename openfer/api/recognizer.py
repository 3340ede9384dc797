"""The one call: pictures of any kind → faces and what they show."""

import ctypes
import os
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from openfer import MODEL
from openfer.api.inputs import InputError, Reading, Source, is_list, is_stream, sources
from openfer.api.results import RecognizedFace, Result, Results, Stream
from openfer.errors import Refused
from openfer.export.model_folder import ExportedModel
from openfer.faces.alignment import SMALLEST
from openfer.faces.batches import batches
from openfer.faces.detectors import DEFAULT, create
from openfer.faces.order import left_to_right
from openfer.faces.pictures import PictureError
from openfer.faces.pictures import Reading as Picture
from openfer.faces.predictor import Expression, Predictor

MOST_AT_ONCE = 16
"""Pictures of a list whose faces go through the network together."""

Attempt = tuple[Source, Picture | None, str]
"""A picture, what was read of it, and why nothing could be."""


class Recognizer:
    """Finds faces and says what they show.

    It may be called from several threads, and in processes that were forked or spawned: each makes its own networks.

    Examples:
        >>> recognize = Recognizer()
        >>> recognize("photo.jpg").faces[0].emotion
        >>> recognize("holiday/").to_csv("faces.csv")
        >>> recognize(cv2.imread("photo.jpg"), order="bgr").save("marked.jpg")
    """

    def __init__(
        self,
        model: Path | str = MODEL,
        detector: str = DEFAULT,
        smallest: int = SMALLEST,
        prior: float | None = None,
        order: str = "rgb",
        crop: bool = False,
        urls: bool = False,
        all_faces: bool = False,
    ) -> None:
        """Load model and detector.

        Args:
            model: folder of an exported model.
            detector: "yunet" or "haar".
            smallest: side in pixels of the smallest face.
            prior: 1 where emotions are as frequent as where the model learned, 0 where all are equally frequent; None
                for what the model has.
            order: of the channels of arrays: "rgb", or "bgr" as OpenCV has them.
            crop: whether pictures are faces already, cut out as in FER2013.
            urls: whether addresses (https://…) are loaded from the network.
            all_faces: keep finds without eyes whose expression is unsure; most are a sleeve or a leaf.

        Raises:
            Refused: the folder is no exported model, or an argument is none of these.
        """
        if prior is not None and not 0 <= prior <= 1:
            raise Refused(f"prior must be a number from 0 to 1, or None. Received: {prior!r}")
        self.settings = (model, detector, smallest, prior, all_faces)
        self.reading, self.crop = Reading(order, urls), crop
        self._made = os.getpid(), self._make()

    def __call__(
        self, source: Any, *, order: str | None = None, crop: bool | None = None, urls: bool | None = None
    ) -> Result | Results | Stream:
        """Return what the faces of one or many pictures show.

        Args:
            source: a path, an address where `urls` allows it, the bytes of a file, a file object, a PIL image, or an
                array uint8 (height, width) grey or (height, width, 3 or 4): one picture. A folder, a pattern as
                "faces/*.jpg", a list, an array (n, height, width, 3): several. Any other iterable: a stream.
            order: of the channels; None for that of the recognizer, and so are:
            crop: whether the pictures are faces already.
            urls: whether addresses are loaded.

        Returns:
            A `Result` of one picture, `Results` (a list) of several, a `Stream` (an iterator) of an iterable. Where one
            of many cannot be read, its result has an `error`, and there is a warning.

        Raises:
            Refused: an input that is no picture or would be misread, a picture alone or all of several that cannot be
                read.
        """
        reading = Reading(self.reading.order if order is None else order, self.reading.urls if urls is None else urls)
        crop = self.crop if crop is None else crop
        found = sources(source, reading)
        if is_stream(source):
            return Stream(self._recognized(found, crop, 1), self.emotions)
        if not is_list(source):
            one = next(found).loaded()
            return self._recognize([(one, one.read())], crop)[0]
        results = Results(self._recognized(found, crop, MOST_AT_ONCE), self.emotions)
        if results and all(result.error for result in results):
            others = f" (and {len(results) - 1:,} more files, none of which is a picture)" if len(results) > 1 else ""
            raise InputError(f"{results[0].error}{others}")
        return results

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        """Say how another process makes the same recognizer: multiprocessing asks for it, no file holds it."""
        *settings, all_faces = self.settings
        return Recognizer, (*settings, self.reading.order, self.crop, self.reading.urls, all_faces)

    def _make(self) -> Predictor:
        model, detector, smallest, prior, all_faces = self.settings
        return Predictor(ExportedModel.load(model), create(detector, smallest), prior=prior, all_faces=all_faces)

    @property
    def emotions(self) -> tuple[str, ...]:
        """Names of what the model tells apart."""
        return self._predictor.model.emotions

    @property
    def _predictor(self) -> Predictor:
        """The predictor of this process: the threads of networks do not survive a fork."""
        process, predictor = self._made
        if process != os.getpid():
            # To free an inherited network waits for threads that are not here, at the end of the program, too.
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(predictor.model.session))
            predictor = self._make()
            self._made = os.getpid(), predictor
        return predictor

    def _recognized(self, found: Iterable[Source], crop: bool, at_once: int) -> Iterator[Result]:
        """Yield the result of each picture, in their order."""
        for group in batches(map(_read, found), at_once, _bytes):
            read = [(source, picture) for source, picture, _ in group if picture is not None]
            results = iter(self._recognize(read, crop))
            yield from (
                next(results) if not error else Result(source, error=error, emotions=self.emotions)
                for source, _, error in group
            )

    def _recognize(self, pairs: list[tuple[Source, Picture]], crop: bool) -> list[Result]:
        pictures, predictor = [picture.pixels for _, picture in pairs], self._predictor
        judged = [[one] for one in predictor.predict_crops(pictures)] if crop else predictor(pictures)
        return [
            Result(source, self._faces(expressions, picture.reduced), picture.size, emotions=self.emotions)
            for (source, picture), expressions in zip(pairs, judged, strict=True)
        ]

    def _faces(self, expressions: Iterable[Expression], reduced: int) -> tuple[RecognizedFace, ...]:
        """Return faces in pixels of the file, whatever was read of them, from left to right."""
        labels = self._predictor.model.facts["labels"]
        full = [replace(one, face=one.face.moved(1 / reduced)) for one in left_to_right(expressions)]
        return tuple(RecognizedFace(one, labels) for one in full)


def _read(source: Source) -> Attempt:
    """Read a picture of several; one that cannot be read is a warning."""
    try:
        source = source.loaded()
        return source, source.read(), ""
    except PictureError as refused:
        warnings.warn(str(refused), stacklevel=1)
        return source, None, str(refused)


def _bytes(attempt: Attempt) -> int:
    _, picture, _ = attempt
    return 0 if picture is None else picture.pixels.nbytes
