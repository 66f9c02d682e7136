#!/usr/bin/env bash
# How many further forms a training pair make the adapters better? One experiment a count, compared with none.
#
#     bash benchmarks/paraphrase_study.sh [-k "0 1 2 5 10"] [-a "attention all-linear"] [-n NAME] [-S KEY=VALUE]...
#
# -k counts k, of which 0 is always one      -a adapters that are trained; the others of params.yaml are left out
# -n experiments are NAME-k (paraphrase)     -S further parameters, as of `dvc exp run`
#
# A count whose experiment exists is not run again: a study that was cut off goes on with the same command.
# Parameters, metrics, dvc.lock and outputs are put back at the end, also after Ctrl-C or a stage that failed.
# Forms are made by rule. With a teacher: -S teacher.endpoint=... -S teacher.model=... and paraphrase in augment.forms
# make one form more.
set -euo pipefail
cd "$(dirname "$0")/.."

saved=.cache/paraphrase_study # of the files that an experiment changes; there while a study runs
counts="0 1 2 5 10" adapters="attention all-linear" name=paraphrase child="" given=()
usage() { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; }
die() { echo "paraphrase_study: $*" >&2; exit 2; }
while getopts k:a:n:S:h option; do
  case $option in
    k) counts=$OPTARG ;; a) adapters=$OPTARG ;; n) name=$OPTARG ;; S) given+=(-S "$OPTARG") ;;
    h) usage; exit 0 ;; *) usage >&2; exit 2 ;;
  esac
done
shift $((OPTIND - 1))
[[ $# == 0 ]] || die "unexpected: $*; several counts are one word, -k \"0 1 2\""
[[ $counts =~ ^[0-9\ ]+$ ]] || die "-k: expected counts such as \"0 1 2\", got \"$counts\""
[[ $name =~ ^[A-Za-z0-9_-]+$ ]] || die "-n: expected letters, digits, - and _, got \"$name\""
counts=$(printf '%s\n' 0 $counts | sort -nu) # each once, none first

known=$(python -c 'import yaml; print(*yaml.safe_load(open("params.yaml"))["adapters"])')
for one in $adapters; do [[ " $known " == *" $one "* ]] || die "-a: params.yaml has no adapter $one, but $known"; done
left_out=()
for one in $known; do [[ " $adapters " == *" $one "* ]] || left_out+=("$one"); done
[[ ${#left_out[@]} == 0 ]] || given+=($(printf -- '-S ~adapters.%s ' "${left_out[@]}"))

head=$(git rev-parse HEAD)
revision() { git rev-parse --quiet --verify "refs/exps/${head:0:2}/${head:2}/$name-$1"; } # of the experiment of a count
revisions() { for k in $counts; do ! sha=$(revision "$k") || echo "$k=$sha"; done; }
compared() { python benchmarks/studying/paraphrases.py "$@" $(revisions); }

restore() {
  trap '' INT TERM
  cp -R "$saved/files/." .
  dvc checkout --quiet --force || echo "paraphrase_study: not all outputs are back: run dvc repro" >&2
  for one in "$saved"/adapters/*; do [[ ! -e $one || -e data/adapters/${one##*/} ]] || mv "$one" data/adapters/; done
  rm -rf "$saved"
}
stopped() {
  trap '' INT TERM
  [[ -z $child ]] || { kill -TERM "$child" 2>/dev/null || true; wait "$child" || true; }
  exit 130
}
experiment() {
  echo "== $name-$1"
  cp "$saved/files/params.yaml" params.yaml
  python benchmarks/studying/workspace.py dvc exp run --name "$name-$1" "${@:2}" ${given[@]+"${given[@]}"} evaluate &
  child=$!
  wait "$child" || die "$name-$1 failed. What is done stays done: mend it, and run the same command again"
  child=""
}

compared check ${given[@]+"${given[@]}"}
for k in $counts; do
  ! revision "$k" >/dev/null || continue
  if [[ ! -e $saved/files ]]; then
    mkdir -p .cache
    mkdir "$saved" || die "a study runs here, or was killed. If none runs, put back what it changed:
  cp -R $saved/files/. . && rm -r $saved && dvc checkout --force"
    mkdir "$saved/files" "$saved/files/data" "$saved/adapters"
    cp params.yaml "$saved/files"
    [[ ! -e dvc.lock ]] || cp dvc.lock "$saved/files"
    for one in data/metrics data/seconds.json data/speed; do [[ ! -e $one ]] || cp -R "$one" "$saved/files/data"; done
    trap restore EXIT
    trap stopped INT TERM
    for one in ${left_out[@]+"${left_out[@]}"}; do # evaluate would ask it, too
      [[ ! -e data/adapters/$one ]] || mv "data/adapters/$one" "$saved/adapters"
    done
  fi
  experiment "$k" -S augment.per-pair="$k" -S augment.share=1
done

one=$(tr ' ' '|' <<<"$adapters")
echo
dvc exp show --md --no-pager --hide-workspace --precision 3 --sort-by augment.per-pair --drop '.*' \
  --keep "^Experiment\$|.*mix\.json:kept\$\
|^($one)\.(token_f1_(reworded|held_out)|gap_closed_reworded(_low|_high)?)\$|(^|.*train-($one)\.json:)(train|eval)_loss\$" |
  grep -E "^\| Experiment|^\|-|\[$name-($(tr '\n' '|' <<<"$counts" | sed 's/|$//'))\]" | tr -s ' -' | sed 's#data/metrics/##g'
echo
compared compare --adapters $adapters --runs
