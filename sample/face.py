"""What makes one face: the person, the expression and the moment the picture is taken, each drawn from ranges."""

import dataclasses
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from sample.expressions import Geometry, draw_units, geometry

Drawn = TypeVar("Drawn")


def between(low: float, high: float) -> Any:
    """Declare a dataclass field as uniform from `low` to `high`."""
    return dataclasses.field(metadata={"range": (low, high)})


@dataclass(frozen=True)
class Person:
    """Who it is. Lengths in units of half the picture's width, y down, 0 = mid-face; tones from 0 (black) to 1.

    What runs from 0 to 1 without being a tone (fringe, beard, glasses …) is worn from a threshold of `portrait` on.
    """

    skin: float = between(0.34, 0.86)
    hair: float = between(0.05, 0.55)
    width: float = between(0.68, 0.80)
    jaw: float = between(2.0, 3.4)
    chin: float = between(0.90, 1.00)
    hairline: float = between(-0.92, -0.68)
    hair_length: float = between(0.0, 1.0)
    parting: float = between(-0.4, 0.4)
    fringe: float = between(0.0, 1.0)
    eye_distance: float = between(0.33, 0.38)
    eye_width: float = between(0.135, 0.165)
    eye_opening: float = between(0.060, 0.085)
    iris: float = between(0.08, 0.35)
    brow_height: float = between(-0.46, -0.41)
    brow_thickness: float = between(0.025, 0.06)
    brow_tone: float = between(0.35, 0.60)
    nose_width: float = between(0.10, 0.15)
    nose_length: float = between(0.15, 0.22)
    mouth: float = between(0.44, 0.52)
    mouth_width: float = between(0.22, 0.28)
    lips: float = between(0.7, 1.3)
    lip_tone: float = between(0.62, 0.85)
    age: float = between(0.0, 1.0)
    beard: float = between(0.0, 1.0)
    glasses: float = between(0.0, 1.0)


@dataclass(frozen=True)
class Scene:
    """How the picture is taken: angles in radians, shifts in units of half the picture's width, the rest relative."""

    yaw: float = between(-0.28, 0.28)
    pitch: float = between(-0.12, 0.12)
    roll: float = between(-0.12, 0.12)
    zoom: float = between(0.95, 1.12)
    shift_x: float = between(-0.05, 0.05)
    shift_y: float = between(-0.05, 0.05)
    gaze: float = between(-0.03, 0.03)
    light_x: float = between(-1.3, 1.3)
    light_y: float = between(-1.0, 0.1)
    ambient: float = between(0.15, 0.50)
    background: float = between(0.08, 0.85)
    black: float = between(0.0, 0.12)
    white: float = between(0.75, 1.05)
    blur: float = between(0.2, 0.6)
    noise: float = between(0.004, 0.016)
    occlusion: float = between(0.0, 1.0)
    occlusion_x: float = between(-0.6, 0.6)
    occlusion_y: float = between(0.55, 1.0)


@dataclass(frozen=True)
class Face:
    """Everything that `sample.portrait.draw` needs; the same face always gives the same pixels."""

    person: Person
    expression: Geometry
    scene: Scene
    grain: int
    """Seed of the hair's strands, the skin's texture and the camera's noise."""


def draw_face(rng: np.random.Generator, emotion: str, blends: float) -> Face:
    """Draw a person who shows `emotion` (see `sample.expressions.draw_units`) in a random scene."""
    person, scene = _draw(Person, rng), _draw(Scene, rng)
    return Face(person, geometry(draw_units(rng, emotion, blends)), scene, int(rng.integers(2**32)))


def _draw(kind: type[Drawn], rng: np.random.Generator) -> Drawn:
    return kind(**{field.name: rng.uniform(*field.metadata["range"]) for field in dataclasses.fields(kind)})
