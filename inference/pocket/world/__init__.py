"""A picture-book world: scenes, how they are drawn, and how they are told in words."""
