"""Do the tests catch what breaks a promise? Each edit of a table is made in a copy of the project and must fail a test.

    python -m tests.mutations [WORD …]

Runs every mutation, or those whose promise contains one of the words; two at a time. Prints a line for each and ends
with exit code 1 if one survives. The nightly workflow runs all.
"""

import contextlib
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.imports import ROOT

WORKERS = 2
"""Mutations that are tested at the same time, each with one or two cores to itself."""

LEFT_OUT = ("docs", "exported", "metrics", "released")
"""Folders that no listed test reads; the largest ones."""

FAILED = 1
"""Exit code of pytest when a test failed; others mean that it could not run them."""


@dataclass(frozen=True)
class Mutation:
    """An edit that breaks a promise.

    Attributes:
        promise: that the edit breaks.
        file: that is edited.
        old: what stands there, once.
        new: what takes its place.
        tests: as pytest takes them, at least one of which must fail.
    """

    promise: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


def mutation(promise: str, file: str, old: str, new: str, *tests: str) -> Mutation:
    """Return a row of the table; the names of tests are relative to tests/."""
    return Mutation(promise, file, old, new, tuple(f"tests/{test}" for test in tests))


MUTATIONS = (
    mutation(
        "the averaged weights are measured and kept",
        "openfer/training/loop.py",
        "        optimizer.finalize_variable_values(self.model.trainable_variables)\n",
        "",
        "training/test_loop.py::test_what_is_measured_and_kept_are_the_averaged_weights",
    ),
    mutation(
        "a frozen trunk keeps its statistics",
        "openfer/training/accelerated.py",
        "if not training or not self.trainable:",
        "if not training:",
        "training/test_transfer.py::test_a_frozen_trunk_is_the_same_to_the_bit_after_the_training_and_the_classification_is_not",
    ),
    mutation(
        "a network goes on with the classes that it knows",
        "openfer/training/transfer.py",
        "            values[..., known] = before[..., taken]\n",
        "            pass\n",
        "training/test_transfer.py::test_classes_that_it_knows_keep_their_weights_and_new_ones_get_others",
    ),
    mutation(
        "trials are compared with those of the same search alone",
        "search/study.py",
        "    elif held != facts:",
        "    elif held is None:",
        "search/test_study.py::test_a_study_of_something_else_is_refused_in_one_line",
    ),
    mutation(
        "the trial of a dead worker is begun anew",
        "search/study.py",
        "        again(study, trial)\n",
        "",
        "search/test_search.py::test_the_trial_of_a_killed_worker_is_begun_anew_and_what_is_done_is_kept",
    ),
    mutation(
        "weight decay leaves biases alone",
        "openfer/training/optimizer.py",
        "    optimizer.exclude_from_weight_decay(var_list=spared)\n",
        "",
        "training/test_optimizer.py::test_weight_decay_leaves_biases_and_batch_normalisation_alone",
    ),
    mutation(
        "labels are smoothed",
        "openfer/training/optimizer.py",
        "label_smoothing=recipe.label_smoothing",
        "label_smoothing=0.0",
        "training/test_optimizer.py::test_the_loss_is_cross_entropy_against_smoothed_labels",
    ),
    mutation(
        "momentum is Nesterov's",
        "openfer/training/optimizer.py",
        "nesterov=True",
        "nesterov=False",
        "training/test_optimizer.py::test_momentum_is_nesterovs",
    ),
    mutation(
        "the cosine ends at 0",
        "openfer/training/optimizer.py",
        "decay_steps=max(1, recipe.epochs * steps - warmup),",
        "decay_steps=max(1, recipe.epochs * steps),",
        "training/test_optimizer.py::test_the_rate_climbs_evenly_to_its_peak_and_falls_along_a_cosine_to_0",
    ),
    mutation(
        "a training begins with a warm-up",
        "openfer/training/optimizer.py",
        "warmup_steps=warmup,",
        "warmup_steps=0,",
        "training/test_optimizer.py::test_the_rate_climbs_evenly_to_its_peak_and_falls_along_a_cosine_to_0",
    ),
    mutation(
        "the epoch is chosen by its accuracy on PublicTest",
        "openfer/training/loop.py",
        'best = all(round(accuracy, 6) > row["public_accuracy"] for row in self.history)',
        'best = all(round(float(logs["accuracy"]), 6) > row["train_accuracy"] for row in self.history)',
        "training/test_loop.py::test_the_epoch_is_chosen_by_its_accuracy_on_public_test",
    ),
    mutation(
        "a resumed training goes on with the state of its optimizer",
        "openfer/training/loop.py",
        "            variable.assign(value)\n",
        "            pass\n",
        "training/test_loop.py::test_a_training_that_was_interrupted_ends_with_the_same_weights_to_the_bit",
    ),
    mutation(
        "a resumed training goes on with the dropout of its epoch",
        "openfer/training/loop.py",
        "            state.assign(_seed_state(start, epoch))\n",
        "            pass\n",
        "training/test_loop.py::test_a_training_that_was_interrupted_ends_with_the_same_weights_to_the_bit",
    ),
    mutation(
        "half of the faces are mirrored in training",
        "openfer/training/augmentation.py",
        "mirrored = rng.integers(0, 2, count)",
        "mirrored = rng.integers(0, 1, count)",
        "training/test_augmentation.py::test_about_half_of_the_views_are_mirrored",
    ),
    mutation(
        "a face that is mirrored in training has the descriptor of the mirror image",
        "openfer/training/batches.py",
        '.inputs(drawn.pop("mirrored"))',
        '.inputs(0 * drawn.pop("mirrored"))',
        "training/test_batches.py::test_a_mirrored_picture_has_the_descriptor_of_the_mirror_image",
    ),
    mutation(
        "a mirrored crop has the descriptor of the mirror image",
        "openfer/prediction/predict.py",
        "images, *descriptors = dataset.inputs(mirrored)",
        "images, *descriptors = dataset.inputs()",
        "prediction/test_predict.py::test_a_mirrored_crop_has_the_descriptor_of_the_mirror_image",
    ),
    mutation(
        "a mirrored face has the descriptor of the mirror image in the exported model, too",
        "openfer/export/model_folder.py",
        "described[:, mirrored]",
        "described[:, 0]",
        "export/test_model_folder.py::test_a_mirrored_face_comes_with_the_descriptor_of_the_mirror_image",
    ),
    mutation(
        "ten-crop averages ten crops",
        "openfer/prediction/predict.py",
        "for crop in TEN]",
        "for crop in TEN[:9]]",
        "prediction/test_predict.py::test_each_of_the_ten_crops_goes_through_the_network_once",
    ),
    mutation(
        "calibration is fitted on PublicTest",
        "openfer/export/calibration.py",
        "    return without_duplicate(images, split, PUBLIC_TEST)",
        "    return without_duplicate(images, split, PUBLIC_TEST + 1)",
        "export/test_calibration.py::test_models_are_calibrated_on_public_test_faces_without_a_duplicate_in_training",
    ),
    mutation(
        "calibration leaves the duplicates of Training out",
        "openfer/evaluation/protocol.py",
        "[~has_duplicate(images, split, code)]",
        "",
        "evaluation/test_protocol.py::test_only_faces_of_the_split_without_a_duplicate_in_training_are_left",
    ),
    mutation(
        "the second figure leaves the duplicates of Training out",
        "openfer/evaluation/evaluation.py",
        "_brief(self.labels[self.without_duplicate], codes[self.without_duplicate])",
        "_brief(self.labels, codes)",
        "evaluation/test_evaluation.py::test_images_with_a_duplicate_in_training_are_left_out_of_the_second_figure",
    ),
    mutation(
        "predict opens PublicTest alone",
        "stages/predict.py",
        "rows = np.flatnonzero(split == code)",
        "rows = np.flatnonzero(split != 0)",
        "stages/test_predict.py",
    ),
    mutation(
        "an exported model is compared with the Keras networks",
        "stages/export.py",
        "        require_parity(name, exported.uncalibrated(faces[:CHECKED], [PLAIN]), answer)\n",
        "",
        "stages/test_parity.py",
    ),
    mutation(
        "an exported model that differs from the Keras networks is refused",
        "openfer/export/conversion.py",
        "    if not difference <= PARITY:",
        "    if difference > 1:",
        "export/test_conversion.py::test_an_export_that_does_not_predict_what_the_network_predicts_is_refused",
    ),
    mutation(
        "a checkpoint of other versions is not resumed",
        "pipeline/fingerprint.py",
        '"versions": versions_there | software()',
        '"versions": {}',
        "pipeline/test_fingerprint.py",
    ),
    mutation(
        "a comment throws no half-finished training away",
        "pipeline/fingerprint.py",
        "behaviour_of(file).encode()",
        "file.read_bytes()",
        "pipeline/test_fingerprint.py::test_a_comment_in_the_library_throws_no_half_finished_training_away",
    ),
    mutation(
        "a stage ends when DVC is killed",
        "stages/run",
        '            export STAGE_STARTER="$process"\n',
        "",
        "pipeline/test_process.py::test_a_stage_ends_when_dvc_is_killed",
    ),
    mutation(
        "one process at a time trains a model",
        "pipeline/process.py",
        "        lock.acquire(timeout=wait)\n",
        "        pass\n",
        "pipeline/test_process.py::test_a_second_process_is_told_in_one_line_who_is_at_work",
    ),
    mutation(
        "no two processes hold locks of one name",
        "pipeline/process.py",
        "        path.unlink(missing_ok=True)\n        lock.release()\n",
        "        lock.release()\n        path.unlink(missing_ok=True)\n",
        "pipeline/test_process.py::test_the_lock_is_deleted_while_it_is_held_or_two_could_hold_locks_of_one_name",
    ),
    mutation(
        "a file is on the disk before it counts as written",
        "openfer/files.py",
        "        _to_disk(temporary)  # the content must be there before the name is\n",
        "",
        "test_files.py::test_content_and_folder_are_on_the_disk_before_the_file_counts_as_written",
    ),
    mutation(
        "the last epoch is kept where the recipe says so",
        "openfer/training/loop.py",
        'if best or self.recipe.keep == "last":',
        "if best:",
        "training/test_loop.py::test_the_last_epoch_is_kept_where_the_recipe_says_so",
    ),
    mutation(
        "votes of one person alone are left out",
        "openfer/data/votes.py",
        "np.where(counts > 1, counts, 0)",
        "np.where(counts > 0, counts, 0)",
        "data/test_votes.py::test_a_majority_is_more_than_half_of_the_votes_of_more_than_one_person",
    ),
    mutation(
        "half of the votes is no majority",
        "openfer/data/votes.py",
        "(2 * kept.max(axis=1) > kept.sum(axis=1))",
        "(2 * kept.max(axis=1) >= kept.sum(axis=1))",
        "data/test_votes.py::test_a_majority_is_more_than_half_of_the_votes_of_more_than_one_person",
    ),
    mutation(
        "votes in another order than the faces are refused",
        "openfer/data/votes.py",
        "    _require_order(names, path)\n",
        "",
        "data/test_votes.py::test_rows_in_another_order_are_refused",
    ),
    mutation(
        "where nothing changes the light, no grey value changes",
        "openfer/training/augment_layer.py",
        "return ops.where(_each(changed), bent, view)",
        "return bent",
        "training/test_augmentation.py::test_where_nothing_changes_the_light_a_grey_value_stays_what_it_was_to_the_bit",
    ),
    mutation(
        "the threshold is fitted at the strength of the prior that the model answers with",
        "openfer/export/calibration.py",
        "sure_from(calibrated(probabilities, fitted, prior), labels, sure_accuracy)",
        "sure_from(scaled(probabilities, fitted), labels, sure_accuracy)",
        "export/test_calibration.py::test_the_threshold_is_of_the_answers_at_the_strength_of_the_model",
    ),
    mutation(
        "floats are refused and not guessed",
        "openfer/api/inputs.py",
        "    if np.issubdtype(array.dtype, np.floating):\n",
        "    if False:\n",
        "api/test_recognizer.py::test_what_would_be_misread_is_refused_in_one_line_that_says_what_to_pass",
    ),
    mutation(
        "classes have their labels by the order of the list",
        "openfer/data/classes.py",
        "for label, members in enumerate(classes.values()) for member",
        "for label, members in enumerate(sorted(classes.values())) for member",
        "data/test_classes.py::test_a_subset_keeps_only_its_faces_and_labels_them_by_the_order_of_the_list",
    ),
    mutation(
        "a network says what it tells apart",
        "openfer/networks/storage.py",
        "{} if tuple(emotions) == EMOTIONS else {NAMES: list(emotions)}",
        "{}",
        "networks/test_storage.py::test_a_network_says_what_it_tells_apart_and_that_of_the_seven_is_the_file_it_always_was",
    ),
    mutation(
        "pictures that were written come back in the order of the rows",
        "openfer/data/folders.py",
        "        pictures.sort(key=lambda path: path.name)\n",
        "        pass\n",
        "data/test_exports.py::test_pictures_are_read_again_as_the_same_arrays_in_the_same_order",
    ),
    mutation(
        "a generator is not read ahead",
        "openfer/api/recognizer.py",
        "            return Stream(self._recognized(found, crop, 1), self.emotions)\n",
        "            return Stream(self._recognized(found, crop, MOST_AT_ONCE), self.emotions)\n",
        "api/test_recognizer.py::test_a_generator_is_asked_for_a_picture_only_when_its_result_is",
    ),
    mutation(
        "a served crop in shares is refused",
        "openfer/api/served.py",
        '    if array.dtype.kind not in "iu":\n        return array  # the recognizer says why it cannot be read\n',
        "",
        "api/test_served.py::test_anything_else_is_refused_with_the_picture_and_the_reason",
    ),
    mutation(
        "a face without landmarks keeps its row",
        "openfer/descriptors/landmarks.py",
        "shapes = placed.copy()",
        "shapes = np.concatenate([placed[~missing], placed[missing]])",
        "descriptors/test_landmarks.py",
    ),
    mutation(
        "a face without landmarks gets the mean shape of Training alone",
        "openfer/descriptors/landmarks.py",
        "placed[training & ~missing].mean",
        "placed[~missing].mean",
        "descriptors/test_landmarks.py",
    ),
    mutation(
        "the predictor's file is the published one to the byte",
        "openfer/descriptors/landmarks.py",
        "if (found := digest(path)) != SHA256:",
        "if not (found := digest(path)):",
        "descriptors/test_landmarks.py",
    ),
    mutation(
        "words of the published bag are learned from Training alone",
        "openfer/descriptors/bag.py",
        "own = descriptors[np.repeat(training, counts)]",
        "own = descriptors",
        "descriptors/test_bag.py",
    ),
    mutation(
        "HOG has the norm of the published one",
        "openfer/descriptors/hog.py",
        'NORM = "L1"',
        'NORM = "L2-Hys"',
        "descriptors/test_hog.py",
    ),
    mutation(
        "a published network has its authors' layers",
        "baselines/networks/model_b.py",
        'Conv(256, 3), Norm(), Max(3, 2, "same"),',
        "Conv(256, 3), Norm(), Max(),",
        "baselines/test_networks.py::test_layers_follow_each_other_as_published",
    ),
    mutation(
        "published networks without augmentation see no mirror images",
        "openfer/training/augmentation.py",
        "rng.integers(0, 2, count) * ranges.mirror",
        "rng.integers(0, 2, count)",
        "baselines/test_recipes.py::test_where_the_authors_augmented_nothing_every_view_is_the_face_itself",
    ),
    mutation(
        "the momentum of a plain recipe is not Nesterov's",
        "openfer/training/optimizer.py",
        "keras.optimizers.SGD(schedule, momentum=recipe.momentum)",
        "keras.optimizers.SGD(schedule, momentum=recipe.momentum, nesterov=True)",
        "training/test_optimizer.py::test_plain_momentum_is_not_nesterovs_and_its_rate_falls_continuously",
    ),
    mutation(
        "a support vector machine answers from its arrays as scikit-learn does",
        "baselines/svm.py",
        "            votes[:, second] += column < 0\n",
        "",
        "baselines/test_svm.py::test_decisions_and_answers_are_those_of_scikit_learn",
    ),
    mutation(
        "what has not converged is marked in the table",
        "baselines/table.py",
        'done["best_epoch"] > done["epochs"] / 2',
        'done["best_epoch"] > done["epochs"]',
        "baselines/test_table.py::test_what_has_not_converged_is_marked",
    ),
    mutation(
        "a host that is lost is no fault of what it read",
        "openfer/app/scale/pool.py",
        "replace(piece, lost=piece.lost + 1)",
        "replace(piece, deaths=piece.deaths + 1)",
        "app/scale/test_pool.py::test_a_host_that_is_lost_is_no_fault_of_the_piece_and_its_idle_workers_get_nothing",
    ),
    mutation(
        "what cannot be reached is no row of the results",
        "openfer/app/scale/worker.py",
        "        except UnreachableError:\n            raise\n",
        "",
        "app/scale/test_worker.py::test_what_stays_out_of_reach_is_no_row_of_the_results",
    ),
    mutation(
        "the dropout of Models A and B is that of the params",
        "baselines/train.py",
        "Variant(common.width, system.normalised, training.classes, **chosen)",
        "Variant(common.width, system.normalised, training.classes)",
        "search/test_search.py::test_the_published_search_trains_model_b_with_the_rate_and_the_dropout_of_the_trial",
    ),
)
"""What must not survive."""


def main(words: list[str]) -> int:
    """Run mutations and return the exit code.

    Args:
        words: of the promises that are meant; none for all.
    """
    chosen = [one for one in MUTATIONS if not words or any(word.lower() in one.promise.lower() for word in words)]
    with tempfile.TemporaryDirectory() as folder:
        copies: queue.Queue[Path] = queue.Queue()
        for number in range(WORKERS):
            copies.put(copy_of_the_project(Path(folder) / str(number)))
        if not chosen or pytest(copies.queue[0], sorted({test for one in chosen for test in one.tests})):
            tell("no promise has such a word" if not chosen else "the tests must pass before anything is broken")
            return 1
        with ThreadPoolExecutor(WORKERS) as pool:
            caught = sum(pool.map(lambda one: is_caught(one, copies), chosen))
    tell(f"{caught} of {len(chosen)} mutations are caught")
    return int(caught < len(chosen))


def copy_of_the_project(folder: Path) -> Path:
    """Copy what Git tracks or would track, as it is now."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        source = ROOT / name
        if source.is_file() and Path(name).parts[0] not in LEFT_OUT:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, folder / name)
    return folder


def is_caught(one: Mutation, copies: "queue.Queue[Path]") -> bool:
    """Test a mutation in one of the copies, print what came of it, and return whether a test failed."""
    folder, started = copies.get(), time.monotonic()
    try:
        with made(one, folder):
            code = pytest(folder, one.tests, silent=(0, FAILED))
    finally:
        copies.put(folder)
    outcome = {0: "SURVIVED", FAILED: "caught"}.get(code, f"pytest ended with {code}")
    tell(f"{outcome:10}{one.promise} ({one.file}, {time.monotonic() - started:.0f} s)")
    return code == FAILED


@contextlib.contextmanager
def made(one: Mutation, folder: Path) -> Iterator[None]:
    """Edit the file in a copy while the block runs."""
    path = folder / one.file
    content = path.read_text(encoding="utf-8")
    path.write_text(content.replace(one.old, one.new), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(content, encoding="utf-8")


def pytest(folder: Path, tests: Sequence[str], silent: Sequence[int] = (0,)) -> int:
    """Run tests in a copy and return pytest's exit code; what it prints is shown unless that is a silent one."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "", *tests]
    # A compiled file counts as fresh by its second and size, which an edit may leave as they are.
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True)
    if done.returncode not in silent:
        tell(done.stdout + done.stderr)
    return done.returncode


def tell(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
