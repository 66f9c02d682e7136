from hypothesis import given
from hypothesis import strategies as st

from stages.tuning import batches
from stages.tuning.rows import Encoded

LENGTHS = st.lists(st.integers(2, 60), min_size=1, max_size=80)


def row(length: int, start: int, number: int = 0) -> Encoded:
    ids = list(range(100 * number, 100 * number + length))
    return Encoded(id=str(number), ids=ids, start=start, end=length - 1, ended=True, weight=1.0 + number)


@given(LENGTHS, st.integers(1, 9), st.integers(0, 3))
def test_every_row_is_in_one_batch_of_an_epoch_and_only_the_last_is_short(lengths, size, epoch):
    order = batches.Order(lengths, size, seed=0)
    made = order.batches(epoch)
    assert sorted(number for batch in made for number in batch) == list(range(len(lengths)))
    assert all(len(batch) == size for batch in made[:-1]) and len(made) == order.steps()
    order.epoch = epoch
    assert list(order) == [number for batch in made for number in batch]
    assert [order.batch(order.steps() * epoch + step) for step in range(1, order.steps() + 1)] == made


def test_lengths_in_a_batch_are_alike_and_epochs_and_seeds_differ():
    lengths = [20 + number * 7 % 40 for number in range(200)]
    order = batches.Order(lengths, 8, seed=0)
    assert order.padding() < 0.1
    assert order.batches(0) != order.batches(1) != batches.Order(lengths, 8, seed=1).batches(1)


def test_a_batch_pads_behind_the_rows_and_has_labels_on_the_answers_only():
    batch = batches.collate([row(5, 2, 0), row(8, 6, 1)])
    assert batch["input_ids"].tolist() == [[0, 1, 2, 3, 4, 0, 0, 0], list(range(100, 108))]
    assert batch["labels"].tolist() == [[-100, -100, 2, 3, 4, -100, -100, -100], [-100] * 6 + [106, 107]]
    assert batches.labels_of(batch, 1) == [106, 107]
    assert batch["weights"].tolist() == [1.0, 2.0] and batch["shared"] == 0
