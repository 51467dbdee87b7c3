# Photos that could not be enrolled.

issues = Issues
issues-copy = Copy
issues-copy-list = Copy list
issues-copy-name = Copy { $name } and its reason
issues-none = No issues
issues-none-about = Photos that cannot be read or hold no usable picture are listed here with the reason. They never stop a job.
issues-retry = Retry
issues-retry-all = Retry all
issues-retry-name = Retry { $name }
issues-row = { $name }: { $reason }
issues-show-name = Show { $name } in folder
