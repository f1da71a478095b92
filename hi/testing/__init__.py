"""Simulators of the services hi mirrors: one implementation for the demo and for tests."""
