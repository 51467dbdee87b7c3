# What is wrong with a command line.

usage-comma = { ", " }
usage-conflict = { $arg } cannot be used together with { $other }
usage-invalid-value = “{ $value }” cannot be the value of { $arg }: { $reason }
usage-line = Usage: { $usage }
usage-meant = Did you mean { $meant }?
usage-missing-argument = What has to be given is missing: { $args }
usage-missing-command = { $command } needs a command
usage-missing-value = { $arg } needs a value
usage-no-equals = { $arg } needs an equals sign before its value
usage-no-number = it is no number
usage-no-whole-number = it is no whole number, or one that is too large
usage-not-in-range = it is not in { $range }
usage-not-understood = it cannot be understood
usage-not-utf8 = An argument is no UTF-8
usage-number-of-values = { $arg } was given another number of values than it takes
usage-one-of = it is one of { $values }
usage-too-many-values = “{ $value }” is one value too many for { $arg }
usage-try-help = --help says more.
usage-twice = { $arg } stands there more than once
usage-unknown-argument = { $arg } is unknown
usage-unknown-command = The command { $command } is unknown
