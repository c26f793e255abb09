import torch


def _members(x, y, classes):
    return (y[:, None] == classes).to(x.dtype)  # (examples, classes)


def class_means(x, y, classes):
    members = _members(x, y, classes)  # (examples, classes)
    return members.T @ x / torch.sum(members, dim=0)[:, None]  # (classes, features)


def within_scatter(x, y, classes):
    inner = x - _members(x, y, classes) @ class_means(x, y, classes)  # (examples, features)
    return inner.T @ inner  # (features, features)


def between_scatter(x, y, classes):
    outer = _members(x, y, classes) @ class_means(x, y, classes) - torch.mean(x, dim=0)  # (examples, features)
    return outer.T @ outer  # (features, features)


def directions(x, y, classes):
    # What makes the scatter within classes the identity makes an ordinary eigenproblem of the generalised one.
    root = torch.linalg.cholesky(within_scatter(x, y, classes) / (len(x) - len(classes)))  # (features, features)
    half = torch.linalg.solve_triangular(root, between_scatter(x, y, classes), upper=False)  # (features, features)
    _, vectors = torch.linalg.eigh(torch.linalg.solve_triangular(root, half.T, upper=False))  # by rising eigenvalue
    leading = torch.flip(vectors, dims=(1,))[:, : len(classes) - 1]  # (features, directions)
    found = torch.linalg.solve_triangular(root.T, leading, upper=True)  # (features, directions)
    largest = torch.take_along_dim(found, torch.argmax(torch.abs(found), dim=0, keepdim=True), dim=0)  # (1, directions)
    return found * torch.sign(largest)  # (features, directions)


def projection(x, y, classes):
    return (x - torch.mean(x, dim=0)) @ directions(x, y, classes)  # (examples, directions)


def accuracy(x, y, classes):
    points = projection(x, y, classes)  # (examples, directions)
    means = class_means(points, y, classes)  # (classes, directions)
    distances = torch.sum((points[:, None] - means) ** 2, dim=2)  # (examples, classes)
    return torch.mean((classes[torch.argmin(distances, dim=1)] == y).to(x.dtype))  # ()
