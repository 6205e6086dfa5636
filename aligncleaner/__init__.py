"""Find refusals, disclaimers and moralizing in chat logs, and clean the logs."""

__version__ = "0.1.0"
