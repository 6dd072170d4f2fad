from firmware_sim.battery import Battery


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_a_battery_drains_and_video_drains_it_faster():
    clock = Clock()
    battery = Battery(90, clock)
    clock.now_s = 3600
    assert battery.level() == 83
    battery.video(on=True)
    clock.now_s = 7200
    assert battery.level() == 59
    battery.video(on=False)
    clock.now_s = 10_800
    assert battery.level() == 52


def test_it_never_goes_below_empty_nor_up_by_dropping():
    clock = Clock()
    battery = Battery(20, clock)
    battery.drop_to(50)
    assert battery.level() == 20
    battery.drop_to(3)
    clock.now_s = 36_000
    assert battery.level() == 0
