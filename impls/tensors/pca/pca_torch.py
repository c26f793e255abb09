import torch


def _centred(x):
    flat = x.reshape(len(x), -1)  # (examples, pixels)
    return flat - torch.mean(flat, dim=0)  # (examples, pixels)


def _decomposed(x):
    centred = _centred(x)  # (examples, pixels)
    covariance = centred.T @ centred / (len(x) - 1)  # (pixels, pixels)
    variances, vectors = torch.linalg.eigh(covariance)  # rising: (pixels,), (pixels, pixels)
    axes = torch.flip(vectors.T, dims=(0,))  # (components, pixels)
    largest = torch.take_along_dim(axes, torch.argmax(torch.abs(axes), dim=1, keepdim=True), dim=1)  # (components, 1)
    return torch.flip(variances, dims=(0,)), axes * torch.sign(largest)  # (components,), (components, pixels)


def _rebuilt(axes, x, pictures):
    mean = torch.mean(x, dim=0).reshape(-1)  # (pixels,)
    scores = (pictures.reshape(len(pictures), -1) - mean) @ axes.T  # (pictures, components)
    return (scores @ axes + mean).reshape(pictures.shape)  # (pictures, height, width)


def mean(x):
    return torch.mean(x, dim=0)  # (height, width)


def components(x, leading):
    _, axes = _decomposed(x)  # (components, pixels)
    return axes[leading].reshape(-1, *x.shape[1:])  # (leading, height, width)


def explained(x, many):
    variances, _ = _decomposed(x)  # (components,)
    shares = variances[many] / torch.sum(variances)  # (many,)
    return torch.stack([shares, torch.cumsum(shares, dim=0)], dim=1)  # (many, 2)


def projection(x, leading):
    _, axes = _decomposed(x)  # (components, pixels)
    return _centred(x) @ axes[leading].T  # (examples, leading)


def reconstructions(x, pictures, few, some, many):
    _, axes = _decomposed(x)  # (components, pixels)
    return torch.stack([_rebuilt(axes[kept], x, pictures) for kept in (few, some, many)])
