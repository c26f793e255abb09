from functools import partial

import torch
from torch import func


def _curve(z):
    return z * torch.tanh(z)  # the shape of z


def _outputs(w, x):
    return _curve(w @ x)  # (rows,)


def _loss(w, x):
    return torch.sum(_outputs(w, x))  # ()


def gradient(w, x):  # PyTorch derives by leaves that require it
    x = x.detach().requires_grad_()
    return torch.autograd.grad(_loss(w, x), x)[0]  # (columns,)


def gradients_of_several(w, x):  # PyTorch derives by leaves that require it
    w, x = w.detach().requires_grad_(), x.detach().requires_grad_()
    return torch.autograd.grad(_loss(w, x), (w, x))  # by w, by x


def vector_jacobian(w, x, back):  # PyTorch derives by leaves that require it
    x = x.detach().requires_grad_()
    return torch.autograd.grad(_outputs(w, x), x, grad_outputs=back)[0]  # (columns,)


def jacobian_vector(w, x, along):
    return func.jvp(partial(_outputs, w), (x,), (along,))[1]  # (rows,)


def jacobian(w, x):
    return func.jacrev(_outputs, argnums=1)(w, x)  # (rows, columns)


def hessian(w, x):
    return func.hessian(_loss, argnums=1)(w, x)  # (columns, columns)


def hessian_vector(w, x, along):
    return func.jvp(func.grad(partial(_loss, w)), (x,), (along,))[1]  # (columns,)


def second_derivative(points):
    return func.vmap(func.grad(func.grad(_curve)))(points)  # (points,)


def stopped_gradient(w, x):  # PyTorch derives by leaves that require it
    x = x.detach().requires_grad_()
    z = w @ x  # (rows,)
    return torch.autograd.grad(torch.sum(z * torch.tanh(z).detach()), x)[0]  # (columns,)


def accumulated_gradient(w, x, again):  # PyTorch itself keeps the sum, in w.grad
    w = w.detach().requires_grad_()
    _loss(w, x).backward()
    _loss(w, again).backward()  # adds to w.grad
    return w.grad  # (rows, columns)


def reset_gradient(w, x, again):  # PyTorch keeps the sum until told to forget it
    w = w.detach().requires_grad_()
    _loss(w, x).backward()
    w.grad = None  # as an optimiser's zero_grad() does
    _loss(w, again).backward()
    return w.grad  # (rows, columns)


class _Rounded(torch.autograd.Function):
    @staticmethod
    def forward(_, z):
        return torch.round(z)  # the shape of z

    @staticmethod
    def backward(_, by_rounded):
        return by_rounded


def custom_gradient(w, x):  # PyTorch derives by leaves that require it
    x = x.detach().requires_grad_()
    return torch.autograd.grad(torch.sum(_curve(_Rounded.apply(w @ x))), x)[0]  # (columns,)
