import jax.numpy as jnp


def reshape(x, shape):
    return x.reshape(shape)


def flatten(images):
    return images.ravel()


def squeeze(row, axis):
    return jnp.squeeze(row, axis=axis)


def unsqueeze(x, axis):
    return jnp.expand_dims(x, axis=axis)


def transpose(x):
    return x.T


def permute(images, axes):
    return jnp.transpose(images, axes)


def move_axis(images, source, destination):
    return jnp.moveaxis(images, source, destination)


def swap_axes(images, first, second):
    return jnp.swapaxes(images, first, second)


def broadcast_to(row, shape):
    return jnp.broadcast_to(row, shape)


def roll(x, shift, axis):
    return jnp.roll(x, shift, axis=axis)
