"""Many resources of others."""


def add(subnets: int = 0, load_balancers: int = 0) -> dict:
    raise NotImplementedError
