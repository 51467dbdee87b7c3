# Pieces that screens are made of.

widgets-list = { $name }, { $n }
widgets-menu = Menu
widgets-panel-width = Width of the panel: { $panel }
widgets-reset-view = Reset view of { $label }
widgets-scroll-bar = Scroll bar
widgets-value = { $name } value
widgets-zoom-in = Zoom in on { $label }
widgets-zoom-out = Zoom out of { $label }
