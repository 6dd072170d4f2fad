import { ElMessage, ElMessageBox } from 'element-plus'

/** Ask for a text; null if the person thinks better of it. */
export async function askText(question: string, title: string, multiline = true): Promise<string | null> {
  try {
    const answer = await ElMessageBox.prompt(question, title, {
      inputType: multiline ? 'textarea' : 'text',
      inputValidator: (value) => Boolean(value?.trim()),
      inputErrorMessage: '…',
    })
    return answer.value.trim()
  } catch {
    return null
  }
}

/** Do something, and say so if it fails; null then. */
export async function attempt<T>(act: () => Promise<T>, problem: (error: unknown) => string): Promise<T | null> {
  try {
    return await act()
  } catch (error) {
    ElMessage.error(problem(error))
    return null
  }
}
