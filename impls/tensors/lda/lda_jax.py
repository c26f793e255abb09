import jax.numpy as jnp
from jax.scipy.linalg import solve_triangular


def _members(x, y, classes):
    return (y[:, None] == classes).astype(x.dtype)  # (examples, classes)


def class_means(x, y, classes):
    members = _members(x, y, classes)  # (examples, classes)
    return members.T @ x / jnp.sum(members, axis=0)[:, None]  # (classes, features)


def within_scatter(x, y, classes):
    inner = x - _members(x, y, classes) @ class_means(x, y, classes)  # (examples, features)
    return inner.T @ inner  # (features, features)


def between_scatter(x, y, classes):
    outer = _members(x, y, classes) @ class_means(x, y, classes) - jnp.mean(x, axis=0)  # (examples, features)
    return outer.T @ outer  # (features, features)


def directions(x, y, classes):
    # What makes the scatter within classes the identity makes an ordinary eigenproblem of the generalised one.
    root = jnp.linalg.cholesky(within_scatter(x, y, classes) / (len(x) - len(classes)))  # (features, features)
    half = solve_triangular(root, between_scatter(x, y, classes), lower=True)  # (features, features)
    _, vectors = jnp.linalg.eigh(solve_triangular(root, half.T, lower=True))  # by rising eigenvalue
    leading = jnp.flip(vectors, axis=1)[:, : len(classes) - 1]  # (features, directions)
    found = solve_triangular(root.T, leading)  # (features, directions)
    largest = jnp.take_along_axis(found, jnp.argmax(jnp.abs(found), axis=0, keepdims=True), axis=0)  # (1, directions)
    return found * jnp.sign(largest)  # (features, directions)


def projection(x, y, classes):
    return (x - jnp.mean(x, axis=0)) @ directions(x, y, classes)  # (examples, directions)


def accuracy(x, y, classes):
    points = projection(x, y, classes)  # (examples, directions)
    means = class_means(points, y, classes)  # (classes, directions)
    distances = jnp.sum((points[:, None] - means) ** 2, axis=2)  # (examples, classes)
    return jnp.mean((classes[jnp.argmin(distances, axis=1)] == y).astype(x.dtype))  # ()
