# What was changed, and the way back.

history-about = Names given, people merged, photos taken out: each change is listed here, and can be taken back at any time, also after the program was closed.
history-change = { $moment }, { $actor }
history-change-purged = { $moment }, { $actor }  ·  deleted for ever
history-change-undone = { $moment }, { $actor }  ·  undone
history-close = Close the history
history-earlier = Earlier changes: `likeness history`.
history-failed = The history could not be read: { $reason }
history-hint = What was changed, by whom, and the way back
history-no-redo = There is nothing to redo (Ctrl Shift Z)
history-no-undo = There is nothing to undo (Ctrl Z)
history-redo-change = Redo: { $change } (Ctrl Shift Z)
history-undo-change = Undo: { $change } (Ctrl Z)
history-undo-this = Undo: { $change }
