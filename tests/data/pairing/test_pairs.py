import pytest

from deeplab_tf2.config import InputError
from deeplab_tf2.data.pairing.pairs import refuse


def test_many_problems_are_counted():
    with pytest.raises(InputError) as caught:
        refuse([f"problem {number}" for number in range(33)], "nothing was converted")
    assert str(caught.value).splitlines()[0] == "33 problems (nothing was converted):"
    assert len(str(caught.value).splitlines()) == 22
    assert str(caught.value).endswith("... and 13 more")
    refuse([], "nothing was converted")
