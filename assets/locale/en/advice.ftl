# What the advisor says of indexes.

advice-below-tenth = less than 0.1 ms
advice-exact-few = With { $faces } exact search takes about { $time }.
advice-exact-quick = Exact search takes about { $time }, within what you ask for.
advice-exact-would = Exact search would take about { $time } and { $memory }.
advice-gigabytes = { $n } GB of memory
advice-megabytes = { $n } MB of memory
advice-millis = { $n } ms
advice-misses-by-codes = Every code is compared, so what is missed is due to the codes.
advice-misses-nothing = It misses nothing, so nothing needs tuning.
advice-misses-some = It misses some faces: measure on your own gallery before you rely on it, and note that it hides look-alikes, so that its false alarm rate looks better than it is.
advice-misses-strangers = Enrolled people are found nearly always; of strangers only some of the nearest are shown.
advice-nearest = Nothing that is known here meets both wishes; this comes nearest. A sweep may find more.
advice-on-all = on your { $faces }
advice-on-some = on { $n } of your { $faces }
advice-suits = { $spec } suits { $what }.
advice-tried = Tried { $sample } with { $probes }: the nearest face came first in { $first } % of the searches (95 % interval { $low } to { $high }), and { $found } % of the { $k } nearest were found.
advice-tried-misses = { $found } So it misses the nearest face in { $missed } of 100 searches: widen the search or take exact search where that is too many.
advice-would-need = { $spec } would need { $memory }.
advice-would-take = { $spec } would take about { $time }.
