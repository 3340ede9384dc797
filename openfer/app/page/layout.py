"""How the page is put together."""

import gradio as gr

from openfer.app.page import camera
from openfer.app.page.film import Film
from openfer.app.page.limits import KEPT, WAITING, Turns, Visitors
from openfer.app.page.photo import EXAMPLES, Photo
from openfer.app.page.store import Store
from openfer.evaluation.tables import in_words
from openfer.faces.predictor import Predictor

SHORT = """
# What does this face show?

Which of {count} posed expressions does each face resemble most? **An expression is not a feeling.**
"""

ABOUT = f"""
It finds faces and says which of {{count}} posed expressions each resembles most, {{learned}}. Nobody's mood, honesty or
character can be read here, and nothing should be decided about anybody by it. *Unsure* is what is right less often.

Pictures and films stay on the machine that serves this page; they are deleted after {KEPT // 60} minutes and used for
nothing else.
"""

LEARNED = {
    "crowd": "as most of ten people named the expressions of the data set FER2013",
    "fer2013": "as the data set FER2013 labels its pictures; people agree with such labels in about two of three faces",
    "own": "as the pictures that it was trained on are labelled",
}
"""By the labels of the model."""


def page(photo: Photo, film: Film, predictor: Predictor, store: Store, turns: Turns, visitors: Visitors) -> gr.Blocks:
    """Build the page.

    Args:
        photo: the photographs.
        film: the films.
        predictor: finds and judges the faces of the camera.
        store: keeps what visitors bring.
        turns: lets some of them work at once.
        visitors: knows who has left.
    """
    gr.set_static_paths([path.parent for path in EXAMPLES.values()])  # not copied to where uploads are swept
    count = in_words(len(predictor.model.emotions))
    with gr.Blocks(title="What does this face show?", analytics_enabled=False) as blocks:
        gr.Markdown(SHORT.format(count=count), elem_id="about")
        gr.HTML('<p id="alert" class="refused" role="alert"></p>')
        with gr.Tab("Photo"):
            photo.build()
        with gr.Tab("Film"):
            film.build()
        with gr.Tab("Camera"):
            camera.build(predictor, store, turns)
        gr.Markdown(ABOUT.format(learned=LEARNED[predictor.model.facts["labels"]], count=count))

        def leave(request: gr.Request) -> None:
            visitors.leave(request.session_hash)

        blocks.unload(leave)
    return blocks.queue(max_size=WAITING, api_open=False)
