# Pieces that screens are made of.

widgets-list = { $name }，{ $n } 项
widgets-menu = 菜单
widgets-panel-width = 面板宽度：{ $panel }
widgets-reset-view = 重置{ $label }的视图
widgets-scroll-bar = 滚动条
widgets-value = { $name }的值
widgets-zoom-in = 放大{ $label }
widgets-zoom-out = 缩小{ $label }
