#!/usr/bin/env bash
# How long a frame of the real window takes while a folder enrolls and a hundred thousand crops scroll by.
#
#   tests/frames.sh FOLDER_TO_ENROLL [FACES]
#
# Opens the window on a virtual display (packages xvfb and xdotool) with a gallery of made-up faces, scrolls for half a
# minute while the folder enrolls, quits by key and prints what the window measured of itself: `logic` takes in what
# jobs tell, `ui` lays the screen out, `frame` is both with painting. Without a graphics card painting is done by the
# processor, which the enrollment keeps busy: `logic` and `ui` are then the parts that are the program's own.
set -euo pipefail
folder=$(realpath "${1:?name a folder with photos}")
faces=${2:-100000}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT
cargo build --quiet --bin likeness --example fill_gallery
cargo run --quiet --example fill_gallery -- "$data" "$faces" "$folder"
export data LIKENESS_FRAME_LOG="$data/frames.json"
target=${CARGO_TARGET_DIR:-target}/debug/likeness
export target
xvfb-run --auto-servernum --server-args="-screen 0 1280x820x24" bash -c '
    "$target" --data-dir "$data" &
    window=$!
    sleep 6
    xdotool search --sync --onlyvisible --name Likeness windowfocus
    xdotool mousemove 700 500
    for _ in $(seq 60); do
        for _ in $(seq 8); do xdotool click 5; sleep 0.03; done
        sleep 0.2
    done
    xdotool key End; sleep 2; xdotool key Home; sleep 2
    xdotool key ctrl+q
    wait "$window"
'
cat "$LIKENESS_FRAME_LOG"
