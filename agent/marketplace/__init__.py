"""What a platform's flow offers to the engine; flows are found by name."""
