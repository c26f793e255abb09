import numpy as np


def _members(x, y, classes):
    return (y[:, np.newaxis] == classes).astype(x.dtype)  # (examples, classes)


def class_means(x, y, classes):
    members = _members(x, y, classes)  # (examples, classes)
    return members.T @ x / np.sum(members, axis=0)[:, np.newaxis]  # (classes, features)


def within_scatter(x, y, classes):
    inner = x - _members(x, y, classes) @ class_means(x, y, classes)  # (examples, features)
    return inner.T @ inner  # (features, features)


def between_scatter(x, y, classes):
    outer = _members(x, y, classes) @ class_means(x, y, classes) - np.mean(x, axis=0)  # (examples, features)
    return outer.T @ outer  # (features, features)


def directions(x, y, classes):
    # What makes the scatter within classes the identity makes an ordinary eigenproblem of the generalised one.
    root = np.linalg.cholesky(within_scatter(x, y, classes) / (len(x) - len(classes)))  # (features, features)
    half = np.linalg.solve(root, between_scatter(x, y, classes))  # (features, features)
    _, vectors = np.linalg.eigh(np.linalg.solve(root, half.T))  # by rising eigenvalue, (features, features)
    leading = np.flip(vectors, axis=1)[:, : len(classes) - 1]  # (features, directions)
    found = np.linalg.solve(root.T, leading)  # (features, directions)
    largest = np.take_along_axis(found, np.argmax(np.abs(found), axis=0, keepdims=True), axis=0)  # (1, directions)
    return found * np.sign(largest)  # (features, directions)


def projection(x, y, classes):
    return (x - np.mean(x, axis=0)) @ directions(x, y, classes)  # (examples, directions)


def accuracy(x, y, classes):
    points = projection(x, y, classes)  # (examples, directions)
    means = class_means(points, y, classes)  # (classes, directions)
    distances = np.sum((points[:, np.newaxis] - means) ** 2, axis=2)  # (examples, classes)
    return np.mean((classes[np.argmin(distances, axis=1)] == y).astype(x.dtype))  # ()
