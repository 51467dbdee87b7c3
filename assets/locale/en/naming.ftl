# Saying who a face is.

naming-hint = Name of this person
naming-is = It is { $name }
naming-new = A new person of that name
naming-remove = Remove name
naming-save = Save name
naming-several = Several people have this name. Which one is it?
