"""One file a platform. ``agent`` finds a flow by the platform's name and knows nothing else of it."""
