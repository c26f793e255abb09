import numpy as np


def _curve(z):
    return z * np.tanh(z)  # the shape of z


def _outputs(w, x):
    return _curve(w @ x)  # (rows,)


def _loss(w, x):
    return np.sum(_outputs(w, x))  # ()


def _slope(z):  # of _curve, by hand: NumPy derives nothing itself
    tanh = np.tanh(z)
    return tanh + z * (1 - tanh**2)  # the shape of z


def _bend(z):  # its second derivative, by hand: NumPy derives nothing itself
    tanh = np.tanh(z)
    return 2 * (1 - tanh**2) * (1 - z * tanh)  # the shape of z


def gradient(w, x):
    return _slope(w @ x) @ w  # (columns,)


def gradients_of_several(w, x):
    return np.outer(_slope(w @ x), x), _slope(w @ x) @ w  # by w, by x


def vector_jacobian(w, x, back):
    return (back * _slope(w @ x)) @ w  # (columns,)


def jacobian_vector(w, x, along):
    return _slope(w @ x) * (w @ along)  # (rows,)


def jacobian(w, x):
    return _slope(w @ x)[:, None] * w  # (rows, columns)


def hessian(w, x):
    return w.T @ (_bend(w @ x)[:, None] * w)  # (columns, columns)


def hessian_vector(w, x, along):
    return (_bend(w @ x) * (w @ along)) @ w  # (columns,)


def second_derivative(points):
    return _bend(points)  # (points,)


def stopped_gradient(w, x):
    return np.tanh(w @ x) @ w  # of z * tanh(z) the first factor alone is derived, (columns,)


def accumulated_gradient(w, x, again):
    return np.outer(_slope(w @ x), x) + np.outer(_slope(w @ again), again)  # (rows, columns)


# NumPy keeps no gradients, so that there is nothing to forget.
def reset_gradient(w, x, again):  # noqa: ARG001
    return np.outer(_slope(w @ again), again)  # (rows, columns)


def custom_gradient(w, x):
    return _slope(np.round(w @ x)) @ w  # as if rounding had the slope 1, (columns,)
