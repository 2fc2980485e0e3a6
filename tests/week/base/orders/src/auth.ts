export function verifyToken(request) {
  return jwtVerify(request.headers.authorization, keys);
}
