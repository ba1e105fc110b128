"""A slider that mixes the proposed answer with another, or with what was there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QSizePolicy

from mpm_studio.operations.answers import Answer
from mpm_studio.operations.mixing import Mixture
from mpm_studio.views.naming import named
from mpm_studio.views.own_keys import KeySlider

SLIDER_PX = 140


class MixBar(QFrame):
    """moved: the slider, or the choice of the other answer. Hidden while there is nothing to mix.

    first: the answer that is proposed; None while there is none.
    """

    moved = Signal()

    def __init__(self) -> None:
        super().__init__()
        named(self, "graph_mix", "Mix the proposed answer with another")
        self.setProperty("role", "bar")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.first: Answer | None = None
        self._others: list[Answer] = []
        self.text = QLabel()
        self.other = named(QComboBox(), "mix_other", "What the proposed answer is mixed with")
        self.slider = named(KeySlider(Qt.Orientation.Horizontal), "mix_slider", "Percent of the other answer")
        self.slider.setRange(0, 100)
        self.slider.setPageStep(10)
        self.slider.setFixedWidth(SLIDER_PX)
        self.slider.setToolTip("0 %: the proposed answer; 100 %: the other one. What is between is seen at once")
        self.percent = QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 8, 3)
        row.setSpacing(6)
        for widget in (self.text, self.other, self.slider, self.percent):
            row.addWidget(widget)
        row.addStretch()
        self.slider.valueChanged.connect(lambda _value: self._say(), Qt.ConnectionType.DirectConnection)
        self.slider.valueChanged.connect(lambda _value: self.moved.emit())
        self.other.activated.connect(lambda _place: self.moved.emit())
        self.hide()

    @property
    def second(self) -> Answer | None:
        place = self.other.currentIndex()
        return self._others[place] if 0 <= place < len(self._others) else None

    @property
    def mixture(self) -> Mixture | None:
        """What is to be mixed; None where there is nothing to mix."""
        if self.first is None or self.second is None:
            return None
        return Mixture(self.first.method, self.second.method, self.slider.value())

    def show_proposed(self, first: Answer | None, others: Sequence[Answer], percent: int) -> None:
        """Offer to mix the proposed answer with the others. percent: of the chosen one in what is proposed now."""
        chosen = self.second.method if self.second is not None and len(self._others) > 1 else ""  # the only one was not chosen
        if [each.method for each in others] != [each.method for each in self._others]:
            self.other.clear()
            self.other.addItems([each.method for each in others])
            self.other.setCurrentIndex(max(0, self.other.findText(chosen)))
        self.first, self._others = first, list(others)
        self.slider.blockSignals(True)
        self.slider.setValue(percent)
        self.slider.blockSignals(False)
        self._say()
        self.setVisible(first is not None and bool(others))

    def _say(self) -> None:
        self.text.setText("" if self.first is None else f"Mix {self.first.method} with")
        self.percent.setText(f"{self.slider.value()} %")
