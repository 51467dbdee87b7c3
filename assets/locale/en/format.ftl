# Times and numbers.

format-date = { $month ->
    [1] { $day } January { $year }
    [2] { $day } February { $year }
    [3] { $day } March { $year }
    [4] { $day } April { $year }
    [5] { $day } May { $year }
    [6] { $day } June { $year }
    [7] { $day } July { $year }
    [8] { $day } August { $year }
    [9] { $day } September { $year }
    [10] { $day } October { $year }
    [11] { $day } November { $year }
   *[other] { $day } December { $year }
}
format-days = { $days ->
    [one] { $days } day { $hours } h
   *[other] { $days } days { $hours } h
}
format-hours = { $hours } h { $minutes } min
format-minutes = { $minutes } min { $secs } s
format-moment = { $date }, { $time }
format-no-score = no score
format-seconds = { $secs } s
format-under-a-second = under a second
format-unknown = unknown
