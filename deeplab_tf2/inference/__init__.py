"""From a photograph to its labels: with a network, a run or an export."""
