use std::sync::Arc;

use napi::bindgen_prelude::{Object, Uint8Array};
use napi::{Env, Result};
use napi_derive::napi;
use safetensors::Dtype;

use super::{promise, thrown};
use crate::failure::{Code, Failure};
use crate::job::guarded;
use crate::memory::{Source, Target};
use crate::pool::{Pool, run_apart};
use crate::safetensors_file::{LoadJob, NewTensor, SafetensorsFile, SaveJob, SavePlan, SaveReport};
use crate::task::Task;

/// A file that is open, and whose header has been checked.
#[napi]
pub struct NativeSafetensors {
    file: Arc<SafetensorsFile>,
}

#[napi(object)]
pub struct SafetensorsInfo {
    pub data_bytes: i64,
    /// Name and value.
    pub metadata: Vec<Vec<String>>,
    pub tensors: Vec<TensorEntry>,
}

#[napi(object)]
pub struct TensorEntry {
    pub name: String,
    /// By the format's name, such as F32.
    pub dtype: String,
    pub shape: Vec<i64>,
    /// From the first byte of data, end exclusive.
    pub begin: i64,
    pub end: i64,
}

#[napi(object)]
pub struct SaveInfo {
    pub bytes: i64,
    pub sha256: String,
}

#[napi(object, object_to_js = false)]
pub struct TensorToSave {
    pub name: String,
    pub dtype: String,
    pub shape: Vec<i64>,
    pub data: Uint8Array,
}

#[napi(catch_unwind, ts_return_type = "Promise<NativeSafetensors>")]
pub fn open_safetensors<'e>(env: &'e Env, id: u32, path: String) -> Result<Object<'e>> {
    let report = |file| NativeSafetensors { file: Arc::new(file) };
    promise(env, id, (), report, |done| {
        let task = Task::new(move || SafetensorsFile::open(&path), done);
        Pool::global().submit(Arc::new(task))
    })
}

#[napi]
impl NativeSafetensors {
    #[napi(catch_unwind)]
    pub fn info(&self) -> SafetensorsInfo {
        let SafetensorsFile { metadata, tensors, data_bytes, .. } = &*self.file;
        let entry = |(name, info): &(String, safetensors::tensor::TensorInfo)| TensorEntry {
            name: name.clone(),
            dtype: info.dtype.to_string(),
            shape: info.shape.iter().map(|&size| size as i64).collect(),
            begin: info.data_offsets.0 as i64,
            end: info.data_offsets.1 as i64,
        };
        SafetensorsInfo {
            data_bytes: *data_bytes as i64,
            metadata: metadata
                .iter()
                .map(|(key, value)| vec![key.clone(), value.clone()])
                .collect(),
            tensors: tensors.iter().map(entry).collect(),
        }
    }

    /// Reads the data of all tensors into `target`, which has just their size.
    #[napi(catch_unwind, ts_return_type = "Promise<void>")]
    pub fn load<'e>(&self, env: &'e Env, id: u32, target: Uint8Array) -> Result<Object<'e>> {
        let expected = self.file.data_bytes;
        if target.len() as u64 != expected {
            let message = format!("expected memory of {expected} bytes, found {}", target.len());
            return Err(thrown(Failure::new(Code::SafetensorsHeader, message)));
        }
        // SAFETY: `target` keeps the memory, and moves into the promise.
        let memory = unsafe { Target::new(target.as_ptr().cast_mut(), target.len()) };
        let file = self.file.clone();
        promise(
            env,
            id,
            target,
            |()| (),
            |done| Pool::global().submit(Arc::new(LoadJob::new(file, memory, done))),
        )
    }
}

#[napi(catch_unwind, ts_return_type = "Promise<SaveInfo>")]
pub fn save_safetensors<'e>(
    env: &'e Env,
    id: u32,
    path: String,
    metadata: Vec<Vec<String>>,
    tensors: Vec<TensorToSave>,
) -> Result<Object<'e>> {
    let metadata = metadata.into_iter().filter_map(|pair| <[String; 2]>::try_from(pair).ok());
    let metadata = metadata.map(|[key, value]| (key, value)).collect();
    let (tensors, kept): (Vec<_>, Vec<_>) = tensors.into_iter().map(new_tensor).unzip();
    let tensors = tensors.into_iter().collect::<Result<Vec<_>>>()?;
    let report = |SaveReport { bytes, sha256 }| SaveInfo { bytes: bytes as i64, sha256 };
    let plan = guarded(|| SavePlan::new(path, metadata, tensors)).map_err(thrown)?;
    promise(env, id, kept, report, |done| run_apart(Arc::new(SaveJob::new(plan, done))))
}

/// The tensor, and what keeps its memory.
fn new_tensor(tensor: TensorToSave) -> (Result<NewTensor>, Uint8Array) {
    let TensorToSave { name, dtype, shape, data } = tensor;
    // SAFETY: the array is kept until the promise settles.
    let memory = unsafe { Source::new(data.as_ptr(), data.len()) };
    let parsed = serde_json::from_value::<Dtype>(dtype.clone().into());
    let tensor = match parsed {
        Ok(dtype) => {
            let shape = shape.into_iter().map(|size| size as usize).collect();
            Ok(NewTensor { name, dtype, shape, data: memory })
        }
        Err(_) => {
            let message = format!("tensor {name:?}: expected a safetensors type, found {dtype:?}");
            Err(thrown(Failure::new(Code::SafetensorsDtype, message)))
        }
    };
    (tensor, data)
}
