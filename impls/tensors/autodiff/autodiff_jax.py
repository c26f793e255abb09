from functools import partial

import jax
import jax.numpy as jnp
from jax import lax


def _curve(z):
    return z * jnp.tanh(z)  # the shape of z


def _outputs(w, x):
    return _curve(w @ x)  # (rows,)


def _loss(w, x):
    return jnp.sum(_outputs(w, x))  # ()


def gradient(w, x):
    return jax.grad(_loss, argnums=1)(w, x)  # (columns,)


def gradients_of_several(w, x):
    return jax.grad(_loss, argnums=(0, 1))(w, x)  # by w, by x


def vector_jacobian(w, x, back):
    return jax.vjp(partial(_outputs, w), x)[1](back)[0]  # (columns,)


def jacobian_vector(w, x, along):
    return jax.jvp(partial(_outputs, w), (x,), (along,))[1]  # (rows,)


def jacobian(w, x):
    return jax.jacrev(_outputs, argnums=1)(w, x)  # (rows, columns)


def hessian(w, x):
    return jax.hessian(_loss, argnums=1)(w, x)  # (columns, columns)


def hessian_vector(w, x, along):
    return jax.jvp(jax.grad(partial(_loss, w)), (x,), (along,))[1]  # (columns,)


def second_derivative(points):
    return jax.vmap(jax.grad(jax.grad(_curve)))(points)  # (points,)


def _half_stopped(w, x):  # JAX stops the derivative within the function
    z = w @ x  # (rows,)
    return jnp.sum(z * lax.stop_gradient(jnp.tanh(z)))  # ()


def stopped_gradient(w, x):
    return jax.grad(_half_stopped, argnums=1)(w, x)  # (columns,)


def accumulated_gradient(w, x, again):
    return jax.grad(_loss)(w, x) + jax.grad(_loss)(w, again)  # (rows, columns)


# JAX keeps no gradients, so that there is nothing to forget.
def reset_gradient(w, x, again):  # noqa: ARG001
    return jax.grad(_loss)(w, again)  # (rows, columns)


@jax.custom_vjp
def _rounded(z):  # JAX: the value; below what is kept of it for the way back, and the way back
    return jnp.round(z)  # the shape of z


_rounded.defvjp(lambda z: (_rounded(z), None), lambda _, by_rounded: (by_rounded,))


def custom_gradient(w, x):
    return jax.grad(lambda x: jnp.sum(_curve(_rounded(w @ x))))(x)  # (columns,)
