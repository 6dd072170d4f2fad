const QUALITY = 0.92

/** The hub takes JPEG. One goes as it is, so that its hash stays; anything else is drawn anew. */
export async function asJpeg(file: File): Promise<Blob> {
  if (file.type === 'image/jpeg') return file
  const image = await createImageBitmap(file)
  const canvas = new OffscreenCanvas(image.width, image.height)
  canvas.getContext('2d')?.drawImage(image, 0, 0)
  image.close()
  return canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY })
}
