import torch


def reshape(x, shape):
    return x.reshape(shape)


def flatten(images):
    return torch.flatten(images)


def squeeze(row, axis):
    return torch.squeeze(row, dim=axis)


def unsqueeze(x, axis):
    return torch.unsqueeze(x, dim=axis)


def transpose(x):
    return x.T


def permute(images, axes):
    return torch.permute(images, axes)


def move_axis(images, source, destination):
    return torch.movedim(images, source, destination)


def swap_axes(images, first, second):
    return torch.transpose(images, first, second)


def broadcast_to(row, shape):
    return row.expand(shape)


def roll(x, shift, axis):
    return torch.roll(x, shift, dims=axis)
