"""The record of intents and outcomes, the locks, and what is counted from them: it decides what is sent."""
