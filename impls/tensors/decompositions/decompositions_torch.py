import torch


def lu(square):
    return torch.linalg.lu(square)


def qr(tall):
    return torch.linalg.qr(tall)


def cholesky(positive):
    return torch.linalg.cholesky(positive)


def eigen_symmetric(symmetric):
    return torch.linalg.eigh(symmetric)


def eigenvalues_general(square):
    return torch.linalg.eigvals(square)


def svd(tall):
    return torch.linalg.svd(tall, full_matrices=False)


def singular_values(tall):
    return torch.linalg.svdvals(tall)


def solve(square, right):
    return torch.linalg.solve(square, right)


def inverse(square):
    return torch.linalg.inv(square)


def determinant(square):
    return torch.linalg.det(square)


def log_determinant(square):
    return torch.linalg.slogdet(square)


def pseudo_inverse(tall, rtol):
    return torch.linalg.pinv(tall, rtol=rtol)


def least_squares(tall, right, rcond):
    # The CPU's default, gelsy, is handed uninitialised pivots, up to PyTorch 2.13 at least (pytorch/pytorch#187411),
    # and may take a matrix for one of rank 0; CUDA has gels alone.
    return torch.linalg.lstsq(tall, right, rcond, driver="gels" if tall.is_cuda else "gelsd").solution
