import jax.numpy as jnp
from jax import lax


def fft(real, imag):
    return jnp.fft.fft(lax.complex(real, imag))


def inverse_fft(real, imag):
    return jnp.fft.ifft(lax.complex(real, imag))


def real_fft(signal):
    return jnp.fft.rfft(signal)


def inverse_real_fft(real, imag, length):
    return jnp.fft.irfft(lax.complex(real, imag), length)


def fft_2d(real, imag):
    return jnp.fft.fft2(lax.complex(real, imag))


def fft_shift(signal, axes):
    return jnp.fft.fftshift(signal, axes)


def convolve(signal, kernel):
    return jnp.fft.irfft(jnp.fft.rfft(signal) * jnp.fft.rfft(kernel), signal.shape[-1])
