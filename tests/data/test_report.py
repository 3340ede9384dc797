import io

import numpy as np

from openfer.data.report import describe
from openfer.data.sheet import draw_samples
from openfer.data.table import BadRow, Table
from tests.data.faces import faces


def test_the_report_counts_classes_duplicates_leaks_and_constant_images():
    images, labels, split = faces(9)
    labels[:] = 3
    images[1] = images[3] = images[0]  # PublicTest and Training
    images[8] = images[5] = images[4]  # PrivateTest twice and PublicTest
    images[6] = images[7] = 0
    labels[3] = 4
    report = describe(Table(images, labels, split, [BadRow("line 5", "bad")], ["Thumbs.db"] * 30), split)
    assert report["rows_read"] == 9
    assert report["rows_skipped"] == 1
    assert report["skipped"] == [{"where": "line 5", "reason": "bad"}]
    assert report["files_passed_over"] == 30
    assert report["passed_over"] == ["Thumbs.db"] * 20
    assert report["counts"]["Training"] == dict(angry=0, disgust=0, fear=0, happy=2, sad=1, surprise=0, neutral=0)
    assert report["totals"] == {"Training": 3, "PublicTest": 3, "PrivateTest": 3}
    assert report["constant_images"] == 2
    assert report["duplicates_without_constant_images"] == {
        "groups": 2,
        "surplus_copies": 4,
        "groups_with_differing_labels": 1,
        "surplus_copies_within": {"Training": 1, "PublicTest": 0, "PrivateTest": 1},
        "PublicTest_with_duplicate_in_Training": 1,
        "PrivateTest_with_duplicate_in_Training": 0,
        "PrivateTest_with_duplicate_in_PublicTest": 2,
    }


def test_the_report_counts_near_duplicates_of_training_images():
    images, labels, _ = faces(8)
    split = np.array([0, 0, 0, 1, 1, 2, 2, 2], np.uint8)
    images[3] = images[0] ^ 1  # all but the same
    images[5], images[6] = images[1] // 2 + 9, images[2]  # darker; identical
    images[7] = 255 - images[0]
    assert describe(Table(images, labels, split, []), split)["near_duplicates_without_constant_images"] == {
        "correlation_above": 0.98,
        "PublicTest_with_near_duplicate_in_Training": 1,
        "PrivateTest_with_near_duplicate_in_Training": 1,
    }


def test_a_report_without_public_or_private_rows_counts_none():
    images, labels, _ = faces(3)
    report = describe(Table(images, labels, None, []), np.zeros(3, np.uint8))
    assert report["near_duplicates_without_constant_images"]["PublicTest_with_near_duplicate_in_Training"] == 0


def test_the_sheet_is_the_same_file_for_the_same_seed_even_with_few_images():
    images, labels, _ = faces(5)
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        draw_samples(images, labels, 0).savefig(file, format="png", metadata={"Software": None})
    assert files[0].getvalue() == files[1].getvalue()
