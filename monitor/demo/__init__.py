"""An offline demonstration over the production pipeline."""
