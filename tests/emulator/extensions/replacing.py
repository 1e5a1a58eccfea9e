"""How an extension changes a method of moto: it runs after the original, inside the same request."""

from functools import wraps


def after(owner, name: str):
    """Runs the decorated function with the original's owner, result and arguments; what it returns is dropped."""

    def install(extension):
        original = getattr(owner, name)

        @wraps(original)
        def both(self, *args, **kwargs):
            result = original(self, *args, **kwargs)
            extension(self, result, *args, **kwargs)
            return result

        setattr(owner, name, both)
        return extension

    return install
