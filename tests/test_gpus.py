"""GPUs that a driver tells of, in folders as it makes them."""

from semisup.engine.gpus import gpus


def test_each_is_named_in_the_order_of_its_folder(tmp_path):
    for folder, name in (("0000:8b:00.0", "NVIDIA H100 80GB HBM3"), ("0000:01:00.0", "Quadro")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "information").write_text(f"Model: \t\t {name}\nIRQ:   \t 17\n")
    (tmp_path / "0000:ff:00.0").mkdir()
    assert gpus(tmp_path) == ["Quadro", "NVIDIA H100 80GB HBM3"]


def test_without_a_driver_there_are_none(tmp_path):
    assert gpus(tmp_path / "nothing") == []
