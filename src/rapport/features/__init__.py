"""Generic abilities over any object. Features meet only through what they register."""
