"""Detectors measured on labelled answers: how often they are right, and what that is worth."""

from aligncleaner.evaluate.evaluation import Evaluation, run
from aligncleaner.evaluate.predictions import Predict, Predictions, predictor
from aligncleaner.evaluate.scores import Resampling

__all__ = ["Evaluation", "Predict", "Predictions", "Resampling", "predictor", "run"]
