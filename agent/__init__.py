"""Unsell: cancels marketplace orders in the seller's or buyer's console, never twice, with proof."""

__version__ = "0.1.0"
