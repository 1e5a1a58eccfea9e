"""The environment that the emulator is filled with: the design as it should be built, and what else there is."""
