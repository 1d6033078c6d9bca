"""The order of samples: permutations, from any place on, dealt out to workers."""

import pytest

from deeplab_tf2.data.sample_order import Share, sample_order, share_of


def listed(order, count):
    return [(int(place), int(position)) for place, position in order.take(count)]


def test_each_epoch_is_another_permutation_which_the_seed_chooses():
    whole = listed(sample_order(10, 3), 30)
    assert [place for place, _ in whole] == list(range(30))
    positions = [position for _, position in whole]
    epochs = [positions[begin : begin + 10] for begin in (0, 10, 20)]
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2] != epochs[0]
    assert positions != [position for _, position in listed(sample_order(10, 4), 30)]


@pytest.mark.parametrize("first", [1, 7, 10, 25])
def test_the_stream_goes_on_from_any_place(first):
    assert listed(sample_order(10, 3, first), 5) == listed(sample_order(10, 3), first + 5)[first:]


@pytest.mark.parametrize("first", [0, 6, 12])
def test_workers_have_slices_of_every_batch(first):
    order = sample_order(4, 0, first)
    slices = [listed(share_of(order, 6, Share(worker, 3)), 6) for worker in range(3)]
    batches = [slices[worker][2 * batch : 2 * batch + 2] for batch in range(3) for worker in range(3)]
    assert sum(batches, []) == listed(order, 18)
