from keras import ops


def _members(x, y, classes):
    return ops.cast(y[:, None] == classes, x.dtype)  # (examples, classes)


def class_means(x, y, classes):
    members = _members(x, y, classes)  # (examples, classes)
    return ops.matmul(ops.transpose(members), x) / ops.sum(members, axis=0)[:, None]  # (classes, features)


def within_scatter(x, y, classes):
    inner = x - ops.matmul(_members(x, y, classes), class_means(x, y, classes))  # (examples, features)
    return ops.matmul(ops.transpose(inner), inner)  # (features, features)


def between_scatter(x, y, classes):
    outer = ops.matmul(_members(x, y, classes), class_means(x, y, classes)) - ops.mean(x, axis=0)
    return ops.matmul(ops.transpose(outer), outer)  # (features, features)


def directions(x, y, classes):
    # What makes the scatter within classes the identity makes an ordinary eigenproblem of the generalised one.
    root = ops.cholesky(within_scatter(x, y, classes) / (x.shape[0] - classes.shape[0]))  # (features, features)
    half = ops.solve_triangular(root, between_scatter(x, y, classes), lower=True)  # (features, features)
    _, vectors = ops.eigh(ops.solve_triangular(root, ops.transpose(half), lower=True))  # by rising eigenvalue
    leading = ops.flip(vectors, axis=1)[:, : classes.shape[0] - 1]  # (features, directions)
    found = ops.solve_triangular(ops.transpose(root), leading)  # (features, directions)
    largest = ops.take_along_axis(found, ops.argmax(ops.abs(found), axis=0, keepdims=True), axis=0)  # (1, directions)
    return found * ops.sign(largest)  # (features, directions)


def projection(x, y, classes):
    return ops.matmul(x - ops.mean(x, axis=0), directions(x, y, classes))  # (examples, directions)


def accuracy(x, y, classes):
    points = projection(x, y, classes)  # (examples, directions)
    means = class_means(points, y, classes)  # (classes, directions)
    distances = ops.sum((points[:, None] - means) ** 2, axis=2)  # (examples, classes)
    return ops.mean(ops.cast(ops.take(classes, ops.argmin(distances, axis=1)) == y, x.dtype))  # ()
