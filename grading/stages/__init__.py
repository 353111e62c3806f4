"""The stages of a soft lookup as exercises ask for them: read, posed, decided, explained."""
