"""Learning curves: two lines per model in one colour, and colours that everybody can tell apart."""

from openfer.evaluation.ensemble import MODELS, SYSTEMS
from openfer.evaluation.figures.learning_curves import learning_curves
from openfer.evaluation.figures.palette import COLOURS
from openfer.files import save_figure


def history(start: float) -> list[dict[str, float]]:
    return [{"epoch": e, "public_accuracy": start + e / 10, "train_accuracy": start - e / 10} for e in (1, 2, 3)]


def test_a_model_has_a_solid_and_a_dotted_line_of_one_colour():
    (axes,) = learning_curves({"cnn": history(0.3), "vgg": history(0.5)}).axes
    lines = axes.get_lines()
    assert [line.get_linestyle() for line in lines] == ["-", ":", "-", ":"]
    assert [line.get_color() for line in lines] == [COLOURS[0], COLOURS[0], COLOURS[1], COLOURS[1]]


def test_the_lines_hold_the_accuracies_by_epoch():
    (axes,) = learning_curves({"cnn": history(0.3), "vgg": history(0.5)}).axes
    public, training = axes.get_lines()[2:]
    assert list(public.get_xdata()) == list(training.get_xdata()) == [1, 2, 3]
    assert list(public.get_ydata()) == [row["public_accuracy"] for row in history(0.5)]
    assert list(training.get_ydata()) == [row["train_accuracy"] for row in history(0.5)]


def test_the_legend_names_each_model_once():
    (axes,) = learning_curves({"cnn": history(0.3), "vgg": history(0.5)}).axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["CNN", "VGG"]


def test_models_may_have_trained_for_different_numbers_of_epochs(tmp_path):
    figure = learning_curves({"cnn": history(0.3), "vgg": history(0.5)[:1]})
    save_figure(tmp_path / "curves.png", figure)
    assert len(figure.axes[0].get_lines()[2].get_xdata()) == 1


def test_each_of_the_models_has_a_colour_of_its_own():
    (axes,) = learning_curves({model: history(0.3) for model in MODELS}).axes
    assert len({line.get_color() for line in axes.get_lines()}) == len(MODELS)


def test_no_model_is_left_out_where_there_are_more_than_colours():
    assert len(SYSTEMS) > len(COLOURS)
    (axes,) = learning_curves({system: history(0.3) for system in SYSTEMS}).axes
    assert len(axes.get_lines()) == 2 * len(SYSTEMS)
